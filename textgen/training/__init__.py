"""From a corpus and a recipe to a timeline."""
