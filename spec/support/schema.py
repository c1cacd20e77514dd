# Validates documents against the schemas of doc/json, with python3-jsonschema, which others wrote.
# usage: schema.py FOLDER SCHEMA FILE [lines]; a line for each fault; status 1 if there are any
import json, pathlib, sys, warnings

warnings.simplefilter("ignore")
import jsonschema

folder, name, path = sys.argv[1:4]
store = {p.name: json.loads(p.read_text()) for p in pathlib.Path(folder).glob("*.json")}
schema = store[name + ".json"]
validator = jsonschema.Draft202012Validator
for one in store.values():
    validator.check_schema(one)
check = validator(schema, resolver=jsonschema.RefResolver(schema["$id"], schema, store=store))
text = pathlib.Path(path).read_text()
documents = text.splitlines() if sys.argv[4:] == ["lines"] else [text]
faults = 0
for number, document in enumerate(documents, 1):
    for fault in check.iter_errors(json.loads(document)):
        faults += 1
        detail = [c.message for c in fault.context or []]
        print(number, list(fault.absolute_path), fault.message[:300], detail[:6])
sys.exit(1 if faults else 0)
