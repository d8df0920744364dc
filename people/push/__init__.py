"""Web push without content: subscriptions, and the road from a notice to a browser's push service."""
