//! What a connector shows of itself: the shapes of the admin API, of snapshots and of the web app.
