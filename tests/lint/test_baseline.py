"""Findings that were there before: the file that lists them, what a run leaves out, and what is gone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.errors import UsageError
from incidentctl.lint.baseline import apply_baseline, fingerprint, read_baseline, render_baseline
from incidentctl.lint.diagnostic import Diagnostic, Result, Severity, Span


def found(path, code, text, *, line=1, ordinal=0, severity=Severity.ERROR):
    mark = fingerprint(path, code, text, ordinal)
    return Diagnostic(path, Span(line, 1, line, 2), code, "name", severity, "message", None, text, mark)


ONE = found("a.md", "ACT002", "- [ ] Add a canary")
TWO = found("a.md", "STR003", "TODO")
THREE = found("b/c.md", "ACT002", "- [ ] Alert on it")


def applied(diagnostics, listed, **options):
    return apply_baseline(
        Result(tuple(diagnostics), files=2), read_baseline(render_baseline(listed)), **{"scanned": None} | options
    )


class TestFingerprints:
    def test_it_depends_on_path_code_and_words_and_not_on_white_space(self):
        mark = fingerprint("a.md", "ACT002", "Add  a canary ", 0)
        assert mark == fingerprint("a.md", "ACT002", " Add a\tcanary", 0)
        others = [
            ("b.md", "ACT002", "Add a canary"),
            ("a.md", "ACT003", "Add a canary"),
            ("a.md", "ACT002", "Add canaries"),
        ]
        assert mark not in [fingerprint(*other, 0) for other in others]

    def test_two_ways_to_write_one_letter_are_one(self):
        assert fingerprint("a", "X001", "Größe", 0) == fingerprint("a", "X001", "Gro\u0308ße", 0)

    def test_equal_findings_of_a_document_have_marks_of_their_own(self):
        assert len({fingerprint("a.md", "ACT002", "x", ordinal) for ordinal in range(5)}) == 5

    @given(st.text(), st.text())
    def test_any_text_has_one(self, path, text):
        assert fingerprint(path, "STR001", text, 0).isalnum()


class TestLeavingOut:
    def test_what_is_listed_is_left_out_and_counted_wherever_it_stands_now(self):
        moved = found("a.md", "ACT002", "- [ ]  Add a canary", line=99)
        result = applied([moved, TWO, THREE], [ONE])
        assert result.diagnostics == (TWO, THREE)
        assert (result.baselined, result.stale_baseline) == (1, ())

    def test_a_changed_severity_makes_no_new_finding(self):
        assert (
            applied([found("a.md", "ACT002", "- [ ] Add a canary", severity=Severity.WARNING)], [ONE]).diagnostics == ()
        )

    def test_an_entry_covers_as_many_equal_findings_as_it_counts(self):
        equal = [found("a.md", "ACT002", "x", line=line, ordinal=line) for line in range(4)]
        result = applied(equal, equal[:3])
        assert result.diagnostics == (equal[3],)
        assert result.baselined == 3

    def test_another_path_is_another_finding(self):
        assert len(applied([found("z.md", "STR003", "TODO")], [TWO]).diagnostics) == 1

    def test_what_is_gone_is_stale(self):
        result = applied([TWO], [ONE, TWO, THREE])
        assert result.stale_baseline == ("a.md: ACT002", "b/c.md: ACT002")

    def test_of_several_equal_ones_those_that_are_gone_are_counted(self):
        equal = [found("a.md", "ACT002", "x", ordinal=ordinal) for ordinal in range(4)]
        assert applied(equal[:1], equal).stale_baseline == ("a.md: ACT002 (3 times)",)

    def test_nothing_is_stale_of_documents_and_rules_that_did_not_run(self):
        assert applied([], [ONE, TWO, THREE], scanned=["a.md"]).stale_baseline == ("a.md: ACT002", "a.md: STR003")
        assert applied([], [ONE, TWO, THREE], codes=["STR003"]).stale_baseline == ("a.md: STR003",)


class TestTheFile:
    def test_it_is_sorted_with_an_entry_a_line(self):
        text = render_baseline([THREE, TWO, ONE, found("a.md", "ACT002", "- [ ] Add a canary", ordinal=1)])
        marks = {each.code + each.path: each.fingerprint for each in (ONE, TWO, THREE)}
        assert text == (
            '{\n  "schema_version": 1,\n  "kind": "lint_baseline",\n  "findings": {\n    "a.md": {\n'
            f'      "ACT002 {marks["ACT002a.md"]}": 2,\n      "STR003 {marks["STR003a.md"]}": 1\n    }},\n    "b/c.md": {{\n'
            f'      "ACT002 {marks["ACT002b/c.md"]}": 1\n    }}\n  }}\n}}\n'
        )
        assert json.loads(text)["schema_version"] == 1

    def test_an_empty_one_is_read_again(self):
        assert read_baseline(render_baseline([])).counts == {}

    def test_paths_are_seen_from_the_settings(self):
        text = render_baseline([ONE], place_of=lambda path: f"docs/{path}")
        assert list(json.loads(text)["findings"]) == ["docs/a.md"]

    def test_written_anew_it_keeps_what_the_run_did_not_judge(self):
        before = read_baseline(render_baseline([ONE, TWO, THREE]))
        text = render_baseline([TWO], kept=before, scanned=["a.md"])
        assert list(json.loads(text)["findings"]) == ["a.md", "b/c.md"]
        assert len(json.loads(text)["findings"]["a.md"]) == 1
        text = render_baseline([], kept=before, codes=["ACT002"])
        assert text == render_baseline([TWO])

    def test_crlf_and_a_byte_order_mark_change_nothing(self):
        text = render_baseline([ONE])
        assert read_baseline("\ufeff" + text.replace("\n", "\r\n")) == read_baseline(text)

    def test_a_name_that_is_no_text_is_listed_and_found_again(self):
        odd = found("b\udcff.md", "STR003", "TODO \ud800")
        text = render_baseline([odd])
        text.encode("utf-8")
        assert applied([odd], [odd]).diagnostics == ()
        assert applied([], [odd], scanned=["b\udcff.md"]).stale_baseline == ("b\\xff.md: STR003",)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("", "is no baseline"),
            ("null", "is no baseline"),
            ("[]", "is no baseline"),
            ("{}", "`schema_version`"),
            ("[" * 100_000, "is no baseline"),
            ('{"schema_version": 1, "findings": ' + "[" * 100_000, "nested too deeply"),
            ("{\n<<<<<<< ours\n}", "marks of a merge conflict"),
            ('{"schema_version": 2, "findings": []}', "was written by a later version of incidentctl"),
            ('{"schema_version": 99999999999999999999999999}', "was written by a later version of incidentctl"),
            ('{"schema_version": 0, "findings": {}}', "is no baseline"),
            ('{"schema_version": true, "findings": {}}', "is no baseline"),
            ('{"schema_version": 1, "kind": "lint", "findings": {}}', "its kind is 'lint'"),
            ('{"schema_version": 1}', "`findings`"),
            ('{"schema_version": 1, "findings": []}', "is broken"),
            ('{"schema_version": 1, "findings": {"a": {"STR001 ab": 0}}}', "is broken"),
            ('{"schema_version": 1, "findings": {"a": {"STR001 ab": -1}}}', "is broken"),
            ('{"schema_version": 1, "findings": {"a": {"STR001": 1}}}', "is broken"),
            ('{"schema_version": 1, "findings": {"a": {"STR001 ab": 1e300}}}', "is broken"),
            ("\ud800", "is no baseline"),
        ],
        ids=range(19),
    )
    def test_one_that_is_broken_or_from_the_future_is_named_with_the_way_out(self, text, says):
        with pytest.raises(UsageError) as caught:
            read_baseline(text, "lint.json")
        assert "lint.json" in caught.value.message
        assert says in caught.value.message
        assert "--update-baseline" in str(caught.value.hint)

    @given(st.lists(st.tuples(st.text(min_size=1), st.sampled_from(["STR001", "ACT002"]), st.text())))
    def test_what_is_written_is_read_and_leaves_all_of_it_out(self, findings):
        seen: dict[object, int] = {}
        diagnostics = []
        for each in findings:
            ordinal = seen[each] = seen.get(each, -1) + 1
            diagnostics.append(found(*each, ordinal=ordinal))
        result = applied(diagnostics, diagnostics)
        assert (result.diagnostics, result.baselined, result.stale_baseline) == ((), len(findings), ())
