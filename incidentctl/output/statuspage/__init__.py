"""The public status page: a web page, a feed, and files for programs. All of it is made of `PublicPage` alone."""
