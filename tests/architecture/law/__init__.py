"""The rules of the house, by what they look at. Not here: what each of them lets pass today."""
