"""A server that lies: a real proxy before the real server, the lies it tells, and the code that each is caught with."""
