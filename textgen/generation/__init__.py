"""From logits to text, and from text to bits: sampling, streams, evaluation."""
