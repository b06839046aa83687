"""What other people's programs need to be measured beside ours; run with an environment of their own, never imported."""
