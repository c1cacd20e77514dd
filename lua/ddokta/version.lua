--- The version of ddokta, which is said here alone: the module of C, the user agent, the man page, the
--- rockspecs and the release are made of it.
return "0.2.0"
