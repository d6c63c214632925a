"""REST resources of a user's stream: snapshot, events, and the page's texts.
May import what realtime may."""
