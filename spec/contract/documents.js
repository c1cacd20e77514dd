// Holds documents against the schemas of doc/json by npm's ajv, in its strict mode, which refuses a schema that
// says what it cannot mean.
// usage: node documents.js FOLDER <LINES   each line {"schema": "plan", "document": ...}
// Prints {"documents": how many, "schemas": how many, "faults": [texts]}.
const fs = require('fs')
const Ajv = require('ajv/dist/2020')

const folder = process.argv[2]
const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true })
ajv.addKeyword({ keyword: 'x-commands', schemaType: 'array' })
const names = fs.readdirSync(folder).filter(name => name.endsWith('.json'))
for (const name of names) ajv.addSchema(JSON.parse(fs.readFileSync(`${folder}/${name}`, 'utf8')))

const faults = []
for (const name of names) {
  try {
    ajv.getSchema(name)
  } catch (error) {
    faults.push(`${name}: ${error.message}`)
  }
}

const lines = fs.readFileSync(0, 'utf8').split('\n').filter(line => line)
if (!faults.length) {
  for (const line of lines) {
    const { schema, document } = JSON.parse(line)
    const [name, pointer] = schema.split('#')
    const check = ajv.getSchema(`${name}.json${pointer ? '#' + pointer : ''}`)
    if (!check(document)) faults.push(`${schema}: ${ajv.errorsText(check.errors)}: ${line.slice(0, 300)}`)
  }
}
console.log(JSON.stringify({ documents: lines.length, schemas: names.length, faults }))
