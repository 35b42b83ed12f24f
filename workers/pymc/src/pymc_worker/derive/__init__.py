"""What follows from the draws; an edit here samples nothing again."""
