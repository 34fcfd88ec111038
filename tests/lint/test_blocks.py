"""Blocks know exactly where their words stand: each piece is what the line holds at its column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.lint.blocks import BlockKind, Piece, read_structure, without_check_box


def read(text: str):
    lines = text.split("\n")
    return lines, read_structure(lines)


def check(text: str) -> None:
    lines, structure = read(text)
    for block in structure.blocks:
        assert 0 <= block.start <= block.end <= len(lines)
        cells = [cell for row in block.rows for cell in row.cells]
        for piece in (*block.pieces, *cells):
            assert lines[piece.line][piece.column : piece.column + len(piece.text)] == piece.text, (piece, text)
        if block.item is not None:
            item = structure.items[block.item]
            assert item.start <= block.start


def kinds(text: str) -> list[BlockKind]:
    return [block.kind for block in read(text)[1].blocks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Title", ("Title", 2)),
        ("##   Title  ##", ("Title", 5)),
        ("Title\n=====", ("Title", 0)),
        ("  word", ("word", 2)),
        ("- word", ("word", 2)),
        ("* [ ] word", ("[ ] word", 2)),
        ("> word", ("word", 2)),
        ("> - word", ("word", 4)),
        ("1.   word", ("word", 5)),
        ("-\tword", ("word", 2)),
        ("- a\n  - a a", ("a", 2)),
        ("word   ", ("word", 0)),
    ],
)
def test_the_first_piece_stands_where_its_words_do(text, expected):
    (piece, *_) = read(text)[1].blocks[0].pieces
    assert (piece.text, piece.column) == expected
    check(text)


def test_each_line_of_a_paragraph_is_a_piece():
    _, structure = read("> - one\n>   two\n> three\n")
    assert [(piece.line, piece.column, piece.text) for piece in structure.blocks[0].pieces] == [
        (0, 4, "one"),
        (1, 4, "two"),
        (2, 2, "three"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n| - | - |\n| 1 | 2 |\n",
        "a | a\n--- | ---\na | a\n",
        "| a | a | a |\n|---|---|---|\n| | a | |\n| | | a |\n",
        "| a \\| b | c |\n|---|---|\n| x \\| y | z |\n",
        "| `a\\|b` | c |\n|---|---|\n| 1 | 2 |\n",
        "  | a | b |\n  | - | - |\n  | b | a |\n",
        "> | a | b |\n> | - | - |\n> | 1 | 2 |\n",
        "- | a | b |\n  | - | - |\n  | 1 | 2 |\n",
        "| aa | a |\n|:--|--:|\n| a | aa |\n",
    ],
)
def test_each_cell_stands_where_its_words_do(text):
    check(text)
    assert BlockKind.TABLE in kinds(text)


def test_cells_of_the_same_words_have_places_of_their_own():
    _, structure = read("| a | a |\n| - | - |\n| a | a |\n")
    for row in structure.blocks[0].rows:
        assert [cell.column for cell in row.cells] == [2, 6]


def test_kinds_of_blocks():
    text = "# a\n\npara\n\n```\ncode\n```\n\n    indented\n\n<!-- c -->\n\n---\n\n> quote\n\n- item\n"
    assert kinds(text) == [
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.CODE,
        BlockKind.CODE,
        BlockKind.HTML,
        BlockKind.RULE,
        BlockKind.PARAGRAPH,
        BlockKind.PARAGRAPH,
    ]
    blocks = read(text)[1].blocks
    assert [block.is_fenced for block in blocks if block.kind is BlockKind.CODE] == [True, False]
    assert [block.is_quoted for block in blocks][-2:] == [True, False]


def test_items_know_their_depth_and_what_they_stand_in():
    _, structure = read("- a\n  - b\n    1. c\n- d\n")
    assert [(item.depth, item.parent, item.is_ordered) for item in structure.items] == [
        (1, None, False),
        (2, 0, False),
        (3, 1, True),
        (1, None, False),
    ]


@pytest.mark.parametrize(
    ("words", "rest", "ticked"),
    [
        ("[ ] word", "word", False),
        ("[x]  word", "word", True),
        ("[X] word", "word", True),
        ("[x]", "", True),
        ("[a] word", "[a] word", None),
        ("word", "word", None),
        ("[x](link)", "[x](link)", None),
    ],
)
def test_the_check_box_is_taken_off_and_the_rest_keeps_its_place(words, rest, ticked):
    piece, is_ticked = without_check_box(Piece(3, 2, words))
    assert (piece.text, is_ticked) == (rest, ticked)
    assert words[piece.column - 2 :] == rest


LINE = st.one_of(
    st.sampled_from(
        [
            *(
                "# a",
                "## a ##",
                "a",
                "a a",
                "- a",
                "  - a a",
                "    a",
                "\ta",
                "> a",
                "> > - a",
                "1. a",
                "- [ ] a",
                "a\\",
                "a  ",
                "- ",
            ),
            *("| a | a |", "| - | - |", "|a|", "a | `b|c`", "| a \\| a | b |", "> | a | a |", "| | a |", "\\| a"),
            *("```", "~~~", "<!-- a", "-->", "---", "===", "", "   ", "-\ta", "*   * a", "[a]: b", "<div>", "# ", "#a"),
            *("\x0ba", "\u2028a", "\xa0a", "a\0b", "- a\rb", "| a\0 | b\r |"),
        ]
    ),
    st.text(alphabet=" \t#>-*|`~<!ab1.\\[]=\r\0é", max_size=14),
)


TABLE = st.lists(st.text(alphabet=" |ab\\`-\t\0", max_size=12), max_size=4).map(
    lambda rows: ["| a | a |", "| - | - |", *(f"| {row} |" for row in rows)]
)


@given(st.one_of(st.lists(LINE, max_size=12), TABLE))
def test_every_piece_is_what_its_line_holds_at_its_column(lines):
    check("\n".join(line.replace("\n", "") for line in lines))
