// Holds the manifest on standard input against the schema that Kubernetes publishes of its kind.
// Prints {"error": what it refuses or null, "unknown": [paths of fields that the schema has not]}.
// The schema lets unknown fields pass, as an API server without strict validation drops them. A value that
// nothing can be is refused in every field that is known: where it is not, the field is unknown.
const manifest = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const { Job } = require('kubernetes-models/batch/v1')

function refusal (value) {
  try {
    new Job(value).validate()
    return null
  } catch (error) {
    return error.message
  }
}

const NOTHING = () => {}

function unknown (node, path, found) {
  for (const name of Object.keys(node)) {
    const value = node[name]
    node[name] = NOTHING
    const known = refusal(manifest) !== null
    node[name] = value
    if (!known) found.push([...path, name].join('.'))
    else if (value && typeof value === 'object') unknown(value, [...path, name], found)
  }
  return found
}

if (manifest.apiVersion !== 'batch/v1' || manifest.kind !== 'Job') throw new Error('not a Job')
console.log(JSON.stringify({ error: refusal(manifest), unknown: unknown(manifest, [], []) }))
