"""The trace of a programme as people read it: sentences (`sentences`), filters (`selectors`), pages (`views`)."""
