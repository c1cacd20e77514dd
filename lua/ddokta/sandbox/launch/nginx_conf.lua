-- The sandbox's nginx.conf. Paths are relative to nginx's prefix, the sandbox's folder; $NAMES are
-- filled in by launch/nginx.lua.
return [[
$LOAD_MODULES
# one process: it is the state, its id is the sandbox's, and no `user` is needed
daemon off;
master_process off;
pid nginx.pid;
error_log error.log warn;

events {
  worker_connections 4000;
}

http {
  access_log off;
  default_type "";
  client_body_temp_path tmp_body;
  proxy_temp_path tmp_proxy;
  fastcgi_temp_path tmp_fastcgi;
  uwsgi_temp_path tmp_uwsgi;
  scgi_temp_path tmp_scgi;

  client_max_body_size 64m;
  client_body_buffer_size 1m;

  ssl_certificate server.pem;
  ssl_certificate_key server.key;
  ssl_protocols TLSv1.2 TLSv1.3;

  # an answer that is late or slow ends when its client gives up
  lua_check_client_abort on;
  lua_package_path "$LUA_PATH";
  init_by_lua_block { require("ddokta.sandbox.server").init() }
  init_worker_by_lua_block { require("ddokta.sandbox.server").init_worker() }
  exit_worker_by_lua_block { require("ddokta.sandbox.server").exit_worker() }

  server {
    listen 127.0.0.1:$HTTP_PORT;
    listen 127.0.0.1:$PORT ssl$LISTEN_HTTP2;
    $HTTP2_ON

    location / {
      # nginx drops the content type of a 204, Datadog sends one (recorded): added by hand
      set $content_type_of_204 "";
      add_header Content-Type $content_type_of_204 always;
      content_by_lua_block { require("ddokta.sandbox.server").content() }
      log_by_lua_block { require("ddokta.sandbox.server").log() }
    }
  }
}
]]
