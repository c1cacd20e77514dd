-- Does a sanitizer run beside (.ci/sanitize)? It keeps what is freed, up to 256 MB, takes its time, and is
-- begun by a shell that needs descriptors of its own.
return (os.getenv "LD_PRELOAD" or ""):find("asan", 1, true) ~= nil
