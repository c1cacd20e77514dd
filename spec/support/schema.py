# Validates documents against the schemas of doc/json, with python3-jsonschema, which others wrote.
# usage: schema.py FOLDER PID; prints a port, and answers there until the process PID is gone. A question is a
# line "SCHEMA BYTES" and a document, its answer a line of JSON: the faults. SCHEMA is a file's name without
# .json, with #/pointer for a part of it.
import json, os, pathlib, socketserver, sys, threading, time, warnings

warnings.simplefilter("ignore")
import jsonschema

folder, parent = sys.argv[1:3]
store = {p.name: json.loads(p.read_text()) for p in pathlib.Path(folder).glob("*.json")}
validator = jsonschema.Draft202012Validator
for one in store.values():
    validator.check_schema(one)


try:  # jsonschema 4.18 and newer, whose older resolver loses its way in nested references
    from referencing import Registry, Resource

    found = Registry().with_resources((i, Resource.from_contents(s)) for i, s in store.items())
    options = {"registry": found}
except ImportError:
    options = None


def check_of(name):
    file, _, pointer = name.partition("#")
    root = store[file + ".json"]
    schema = {"$ref": root["$id"] + "#" + pointer}
    if options:
        return validator(schema, **options)
    return validator(schema, resolver=jsonschema.RefResolver(root["$id"], root, store=store))


def faults_of(check, document):
    for fault in check.iter_errors(document):
        detail = [c.message[:200] for c in fault.context or []]
        yield f"{list(fault.absolute_path)} {fault.message[:300]} {detail[:6]}"


class Question(socketserver.StreamRequestHandler):
    def handle(self):
        schema, length = self.rfile.readline().decode().split()
        text = self.rfile.read(int(length))
        try:
            faults = list(faults_of(check_of(schema), json.loads(text)))
        except ValueError as fault:
            faults = [f"no JSON: {fault}"]
        self.wfile.write(json.dumps(faults).encode() + b"\n")


server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Question)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
while os.path.exists(f"/proc/{parent}"):
    time.sleep(0.5)
