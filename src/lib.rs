//! Orders for email notifications.
