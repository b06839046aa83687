"""The register's pages: listing.py the list, purpose.py one purpose, notices.py what people are told."""
