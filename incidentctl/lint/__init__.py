"""What is missing from a post-mortem, contradicts itself or blames: pure functions from a document to diagnostics."""
