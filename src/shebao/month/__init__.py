"""The monthly cycle: collect → credit → award → adjust → pay → pool → close."""
