"""A till: prices in cents, receipts as text."""
