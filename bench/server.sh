# The server of the bench: an nginx on loopback with TLS and HTTP/2 that answers every request alike.
# Sourced by bench/run. server_start sets BASE_URL and CA_FILE; server_stop leaves nothing behind.

server_pid=

# a certificate authority and a certificate for 127.0.0.1, in $1
make_certificates() {
  ca=$1/ca server=$1/server
  {
    printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' > "$1/extensions" &&
      openssl ecparam -name prime256v1 -genkey -noout -out "$ca.key" &&
      openssl req -x509 -new -key "$ca.key" -subj "/CN=ddokta bench" -days 2 -out "$ca.pem" &&
      openssl ecparam -name prime256v1 -genkey -noout -out "$server.key" &&
      openssl req -new -key "$server.key" -subj "/CN=127.0.0.1" -out "$server.csr" &&
      openssl x509 -req -in "$server.csr" -CA "$ca.pem" -CAkey "$ca.key" -CAcreateserial -days 2 \
        -extfile "$1/extensions" -out "$server.pem"
  } > "$1/openssl.log" 2>&1
}

# $1: folder, $2: port. The answers are as Datadog's, 190 bytes: of a list, of a
# create, and of who the caller is.
write_configuration() {
  cat > "$1/nginx.conf" <<CONF
daemon off;
pid $1/nginx.pid;
error_log $1/error.log warn;
master_process off; # a worker of root's would be nobody, who may not see the folder
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path $1/body;
  proxy_temp_path $1/proxy;
  fastcgi_temp_path $1/fastcgi;
  uwsgi_temp_path $1/uwsgi;
  scgi_temp_path $1/scgi;
  # what a create asked for comes back, as a service's answer has it
  map \$request_body \$asked_name { "~\"name\":\"(?<a>[^\"]*)\"" \$a; }
  map \$request_body \$asked_domain { "~\"domain\":\"(?<b>[^\"]*)\"" \$b; }
  map \$request_body \$asked_client { "~\"client_id\":\"(?<c>[^\"]*)\"" \$c; }
  server {
    listen 127.0.0.1:$2 ssl http2;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    default_type application/json;
    location = /api/v2/current_user {
      return 200 '{"data":{"attributes":{"name":"Bench"},"id":"18a1e9a4-2a3c-4b0e-8e57-7f1c0b6a9d11","relationships":{"org":{"data":{"id":"4dee724d-00cc-11ea-a77b-570c9d03c6c5","type":"orgs"}}},"type":"users"}}';
    }
    location / {
      proxy_set_header X-Name \$asked_name;
      proxy_set_header X-Domain \$asked_domain;
      proxy_set_header X-Client \$asked_client;
      if (\$request_method = POST) {
        proxy_pass http://unix:$1/inner; # which reads bodies to their end
        break;
      }
      return 200 '{"data":[{"attributes":{"auth_method":"oauth","client_id":"0oabench0000000001","domain":"https://example.okta.com/","name":"Bench"},"id":"f749daaf-682e-4208-a38d-c9b43162c609","type":"okta-accounts"}]}';
    }
  }
  server {
    listen unix:$1/inner;
    default_type application/json;
    location / {
      return 201 '{"data":{"attributes":{"auth_method":"oauth","client_id":"\$http_x_client","domain":"\$http_x_domain","name":"\$http_x_name"},"id":"f749daaf-682e-4208-a38d-c9b43162c609","type":"okta-accounts"}}';
    }
  }
}
CONF
}

# $1: URL, $2: the certificate authority. True once it answers; false if it ended before.
await_server() {
  tries=0
  until curl -q -s --cacert "$2" -o "$server_dir/answer" "$1"; do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] && kill -0 "$server_pid" 2> /dev/null || return 1
    sleep 0.05
  done
}

# $1: folder. LUA and its paths find this checkout.
server_start() {
  server_dir=$1
  nginx=$(PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx) ||
    { echo "bench: nginx is missing" >&2; return 1; }
  make_certificates "$1" || { cat "$1/openssl.log" >&2; return 1; }
  for _ in 1 2 3 4 5; do # another process may take the port before nginx does
    port=$("$LUA" -e 'print(require("ddokta.core").system.free_port())') || return 1
    write_configuration "$1" "$port"
    "$nginx" -e "$1/error.log" -p "$1" -c "$1/nginx.conf" 2> "$1/stderr" &
    server_pid=$!
    BASE_URL=https://127.0.0.1:$port
    CA_FILE=$1/ca.pem
    await_server "$BASE_URL/" "$CA_FILE" && return 0
    server_stop
  done
  cat "$1/stderr" "$1/error.log" >&2
  return 1
}

server_stop() {
  stop $server_pid
  server_pid=
}

# ends processes of ours
stop() {
  for stopped in "$@"; do
    kill "$stopped" 2> /dev/null || :
    wait "$stopped" 2> /dev/null || :
  done
}
