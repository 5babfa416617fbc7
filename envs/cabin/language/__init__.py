"""Acts as text, and text as acts: notation, sentences and transcripts."""
