"""Files of a thread: sealed bytes that the server keeps in their order, gives out by consent, and destroys for good."""
