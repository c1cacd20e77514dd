// Holds Lua that users read against lua/ddokta/types.lua, as an editor would: unknown functions, methods,
// options and fields, values of the wrong type, arguments too many or too few.
// usage: node annotations.js TYPES FILE...   (a .lua file; the ```lua parts of a .md; *_by_lua_block of a .conf)
// Prints a JSON list of "file:line: problem".
const fs = require('fs')
const luaparse = require('luaparse')

// --- types: {is: 'name' | 'literal' | 'list' | 'map' | 'object' | 'function' | 'union', ...} ----------------

const named = name => ({ is: 'name', name })
const NIL = named('nil')
const ANY = named('any')

function union (types) {
  const flat = types.flatMap(type => type.is === 'union' ? type.types : [type])
  return flat.length === 1 ? flat[0] : { is: 'union', types: flat }
}

class TypeParser {
  constructor (text) {
    this.tokens = text.match(/"[^"]*"|[A-Za-z_][\w.]*|\.\.\.|\d+|[^\s]/g) || []
    this.at = 0
  }

  peek () { return this.tokens[this.at] }
  take (token) { return this.peek() === token && ++this.at }

  want (token) {
    if (!this.take(token)) throw new Error(`${token} is wanted, not ${this.peek()}: ${this.tokens.join(' ')}`)
  }

  type () {
    const types = [this.suffixed()]
    while (this.take('|')) types.push(this.suffixed())
    return union(types)
  }

  suffixed () {
    let type = this.simple()
    for (;;) {
      if (this.take('?')) type = union([type, NIL])
      else if (this.peek() === '[' && this.tokens[this.at + 1] === ']') {
        this.at += 2
        type = { is: 'list', of: type }
      } else return type
    }
  }

  list (end, item) {
    const items = []
    while (!this.take(end)) {
      items.push(item())
      this.take(',')
    }
    return items
  }

  simple () {
    const token = this.tokens[this.at++]
    if (token === '(') {
      const type = this.type()
      this.want(')')
      return type
    }
    if (token === '{') return this.object()
    if (token[0] === '"') return { is: 'literal', value: token.slice(1, -1) }
    if (token === 'true' || token === 'false') return { is: 'literal', value: token === 'true' }
    if (token === 'fun') return this.function()
    if (token === 'table' && this.take('<')) {
      const [key, value] = this.list('>', () => this.type())
      return { is: 'map', key, value }
    }
    return named(token)
  }

  object () {
    const fields = {}
    let map = null
    this.list('}', () => {
      if (this.take('[')) {
        const key = this.type()
        this.want(']')
        this.want(':')
        map = { is: 'map', key, value: this.type() }
        return
      }
      const name = this.tokens[this.at++]
      const optional = this.take('?')
      this.want(':')
      const type = this.type()
      fields[name] = optional ? union([type, NIL]) : type
    })
    return map || { is: 'object', fields }
  }

  function () {
    this.want('(')
    const parameters = this.list(')', () => {
      const name = this.tokens[this.at++]
      const optional = this.take('?')
      const type = this.take(':') ? this.type() : ANY
      return { name, type: optional ? union([type, NIL]) : type }
    })
    const returns = []
    if (this.take(':')) {
      do returns.push(this.take('...') ? ANY : this.type()); while (this.take(','))
    }
    return { is: 'function', parameters, returns }
  }
}

// The type at the beginning of a text; words may follow.
function parseType (text) {
  const parser = new TypeParser(text)
  return parser.type()
}

// --- lua/ddokta/types.lua ---------------------------------------------------------------------------------

function readTypes (text) {
  const classes = {}
  const aliases = {}
  const variables = {}
  let block = { parameters: [], returns: [] }
  let type = null // the class or alias whose lines follow
  for (const line of text.split('\n')) {
    const [, tag, rest] = /^---@(\w+)\s*(.*)$/.exec(line) || []
    const value = /^---\| ("[^"]*")/.exec(line)
    const code = /^function (\w+)([.:])(\w+)\((.*)\) end$/.exec(line)
    const variable = /^local (\w+) = {}$/.exec(line)
    if (tag === 'class') {
      const [, name, parent] = /^([\w.]+)(?::\s*([\w.]+))?/.exec(rest)
      type = classes[name] = { name, parent, fields: {}, functions: {} }
    } else if (tag === 'alias') {
      const [, name, is] = /^([\w.]+)\s*(.*)$/.exec(rest)
      type = aliases[name] = { types: is ? [parseType(is)] : [] }
    } else if (value) type.types.push(parseType(value[1]))
    else if (tag === 'field') {
      const [, , bracketed, name, optional, is] = /^(\["([^"]+)"\]|(\w+)(\??)) (.*)$/.exec(rest)
      const fieldType = parseType(is)
      type.fields[bracketed || name] = optional ? union([fieldType, NIL]) : fieldType
      // of a query the service's own spelling stands behind ours: page_size? integer page[size]
      const spelling = type.name.endsWith('Query') && /^\S+ ([\w[\]]+)(, required)?$/.exec(is)
      if (spelling) type.fields[spelling[1]] = type.fields[name]
    } else if (tag === 'param') {
      const [, name, optional, is] = /^([\w.]+)(\??) (.*)$/.exec(rest)
      const parameterType = parseType(is)
      block.parameters.push({ name, type: optional ? union([parameterType, NIL]) : parameterType })
    } else if (tag === 'return') block.returns.push(parseType(rest))
    else if (tag === 'generic') block.generic = rest
    else if (variable && type) variables[variable[1]] = type
    else if (code) {
      const [, of, dot, name] = code
      variables[of].functions[name] = { is: 'function', method: dot === ':', ...block }
      block = { parameters: [], returns: [] }
    }
  }
  return { classes, aliases }
}

// --- the checker ------------------------------------------------------------------------------------------

const PLAIN = { string: 'string', number: 'number', integer: 'number', boolean: 'boolean', function: 'function' }
const ANYTHING = new Set(['any', 'T', '...', 'userdata', 'lightuserdata'])
// what a page's snippets use without making it
const CONVENTIONS = {
  ddokta: 'ddokta',
  bulk: 'ddokta.bulk',
  scim: 'ddokta.scim',
  recipes: 'ddokta.recipes',
  dd: 'ddokta.Datadog',
  okta: 'ddokta.Okta'
}

class Checker {
  constructor (types) {
    this.types = types
    this.problems = new Set()
  }

  report (node, words) { this.problems.add(`${this.file}:${node.loc.start.line + this.offset}: ${words}`) }

  check (file, text, offset, conventions) {
    this.file = file
    this.offset = offset
    this.scope = { names: new Map(), up: null }
    for (const [name, type] of Object.entries(conventions ? CONVENTIONS : {})) {
      this.scope.names.set(name, named(type))
    }
    let tree
    try {
      tree = luaparse.parse(text, { locations: true, luaVersion: '5.3' })
    } catch (error) {
      this.report({ loc: { start: { line: error.line || 1 } } }, `no Lua: ${error.message}`)
      return
    }
    this.block(tree.body)
  }

  // --- names

  declare (name, type) { this.scope.names.set(name, type || null) }

  lookup (name) {
    for (let scope = this.scope; scope; scope = scope.up) {
      if (scope.names.has(name)) return scope.names.get(name)
    }
    return null
  }

  assign (name, type) {
    for (let scope = this.scope; scope; scope = scope.up) {
      if (scope.names.has(name)) {
        if (type) scope.names.set(name, type)
        return
      }
    }
  }

  within (work) {
    this.scope = { names: new Map(), up: this.scope }
    work()
    this.scope = this.scope.up
  }

  // --- types

  // An alias as what it stands for, nil left out: the types that a value may have.
  alternatives (type) {
    if (!type) return []
    if (type.is === 'union') return type.types.flatMap(one => this.alternatives(one))
    if (type.is !== 'name') return [type]
    if (type.name === 'nil') return []
    const alias = this.types.aliases[type.name]
    return alias ? alias.types.flatMap(one => this.alternatives(one)) : [type]
  }

  withoutNil (type) {
    const types = this.alternatives(type).filter(one => !(one.is === 'literal' && one.value === false))
    return types.length ? union(types) : null
  }

  mayBeNil (type) {
    return type.is === 'union' ? type.types.some(one => this.mayBeNil(one))
      : type.is === 'name' && ['nil', 'any', 'T'].includes(type.name)
  }

  classOf (type) { return type && type.is === 'name' ? this.types.classes[type.name] : undefined }

  member (found, name) {
    for (let type = found; type; type = this.types.classes[type.parent]) {
      if (Object.hasOwn(type.functions, name)) return type.functions[name]
      if (Object.hasOwn(type.fields, name)) return type.fields[name]
    }
  }

  // The type of object.name; undefined where the object is known to lack it, null where nothing is known.
  memberOf (type, name) {
    let known = false
    for (const one of this.alternatives(type)) {
      const found = this.classOf(one)
      if (one.is === 'object') {
        if (Object.hasOwn(one.fields, name)) return one.fields[name]
      } else if (found) {
        const member = this.member(found, name)
        if (member) return member
      } else return one.is === 'map' ? one.value : null
      known = true
    }
    return known ? undefined : null
  }

  show (type) {
    const one = this.alternatives(type)
    if (!one.length) return 'nil'
    return one.map(t => t.is === 'name' ? t.name : t.is === 'literal' ? JSON.stringify(t.value) : t.is).join('|')
  }

  // --- statements

  block (statements) { for (const statement of statements) this.statement(statement) }

  statement (s) {
    switch (s.type) {
      case 'LocalStatement': {
        const types = this.expressions(s.init)
        s.variables.forEach((variable, i) => this.declare(variable.name, types[i]))
        break
      }
      case 'AssignmentStatement': {
        const types = this.expressions(s.init)
        s.variables.forEach((variable, i) => {
          if (variable.type === 'Identifier') this.assign(variable.name, types[i])
          else this.infer(variable)
        })
        break
      }
      case 'CallStatement': this.infer(s.expression); break
      case 'ReturnStatement': this.expressions(s.arguments); break
      case 'FunctionDeclaration': this.functionDeclaration(s); break
      case 'DoStatement': this.within(() => this.block(s.body)); break
      case 'WhileStatement':
        this.infer(s.condition)
        this.within(() => this.block(s.body))
        break
      case 'RepeatStatement':
        this.within(() => {
          this.block(s.body)
          this.infer(s.condition)
        })
        break
      case 'IfStatement':
        for (const clause of s.clauses) {
          if (clause.condition) this.infer(clause.condition)
          this.within(() => this.block(clause.body))
        }
        break
      case 'ForNumericStatement':
        this.expressions([s.start, s.end, s.step].filter(Boolean))
        this.within(() => {
          this.declare(s.variable.name, named('number'))
          this.block(s.body)
        })
        break
      case 'ForGenericStatement': {
        const types = this.eachOf(s.iterators)
        this.within(() => {
          s.variables.forEach((variable, i) => this.declare(variable.name, types[i]))
          this.block(s.body)
        })
        break
      }
    }
  }

  // The types of a loop's variables.
  eachOf (iterators) {
    const call = iterators[0]
    if (call.type === 'CallExpression' && call.base.type === 'Identifier' &&
        ['ipairs', 'pairs'].includes(call.base.name)) {
      const list = this.alternatives(this.expressions(call.arguments)[0])[0]
      return [null, list && list.is === 'list' ? list.of : list && list.is === 'map' ? list.value : null]
    }
    const iterator = this.alternatives(this.expressions(iterators)[0])[0]
    return iterator && iterator.is === 'function' ? iterator.returns.map(type => this.withoutNil(type)) : []
  }

  // expected: the type of function that is wanted there
  functionDeclaration (f, expected) {
    if (f.identifier && f.isLocal) this.declare(f.identifier.name, named('function'))
    this.within(() => {
      f.parameters.forEach((parameter, i) => {
        const wanted = expected && expected.parameters[i]
        if (parameter.name) this.declare(parameter.name, wanted && wanted.type)
      })
      this.block(f.body)
    })
    return expected || named('function')
  }

  // --- expressions

  // The types of a list of expressions; the last one has all that it gives.
  expressions (list) {
    const types = list.slice(0, -1).map(expression => this.infer(expression))
    return list.length ? types.concat(this.inferAll(list[list.length - 1])) : types
  }

  inferAll (e) {
    if (['CallExpression', 'TableCallExpression', 'StringCallExpression'].includes(e.type)) return this.call(e)
    return [this.infer(e)]
  }

  infer (e, expected) {
    switch (e.type) {
      case 'StringLiteral': return { is: 'literal', value: this.text(e) }
      case 'BooleanLiteral': return { is: 'literal', value: e.value }
      case 'NumericLiteral': return named('number')
      case 'NilLiteral': return NIL
      case 'Identifier': return this.lookup(e.name)
      case 'FunctionDeclaration': return this.functionDeclaration(e, expected)
      case 'TableConstructorExpression':
        for (const field of e.fields) {
          if (field.key && field.type === 'TableKey') this.infer(field.key)
          this.infer(field.value)
        }
        return null
      case 'MemberExpression': return this.memberExpression(e)
      case 'IndexExpression': return this.indexExpression(e)
      case 'LogicalExpression': {
        const left = this.infer(e.left)
        const right = this.infer(e.right)
        if (e.operator === 'and') return right
        return left && right ? union([this.withoutNil(left) || right, right]) : null
      }
      case 'BinaryExpression': {
        this.expressions([e.left, e.right])
        return e.operator === '..' ? named('string') : null
      }
      case 'UnaryExpression': {
        this.infer(e.argument)
        return e.operator === 'not' ? named('boolean') : named('number')
      }
      case 'CallExpression':
      case 'TableCallExpression':
      case 'StringCallExpression': return this.call(e)[0] || null
    }
    return null
  }

  // A string as Lua means it: luaparse leaves it in quotes.
  text (e) { return e.value !== null ? e.value : e.raw.replace(/^(\[=*\[|["'])|(\]=*\]|["'])$/g, '') }

  memberExpression (e) {
    const base = this.infer(e.base)
    const name = e.identifier.name
    const member = this.memberOf(base, name)
    if (member === undefined) this.report(e, `${this.show(base)} has no ${e.indexer === ':' ? 'method' : 'field'} ${name}`)
    return member || null
  }

  indexExpression (e) {
    const base = this.alternatives(this.infer(e.base))[0]
    this.infer(e.index)
    if (!base) return null
    if (base.is === 'list') return base.of
    if (base.is === 'map') return base.value
    if (e.index.type !== 'StringLiteral') return null
    const member = this.memberOf(base, this.text(e.index))
    if (member === undefined) this.report(e, `${this.show(base)} has no field ${this.text(e.index)}`)
    return member || null
  }

  call (e) {
    const args = e.type === 'CallExpression' ? e.arguments : [e.type === 'TableCallExpression' ? e.arguments : e.argument]
    if (e.base.type === 'Identifier' && e.base.name === 'require' && args[0] && args[0].type === 'StringLiteral') {
      const name = this.text(args[0])
      return this.types.classes[name] ? [named(name)] : []
    }
    const callee = this.alternatives(this.infer(e.base)).find(type => type.is === 'function')
    if (!callee) {
      this.expressions(args)
      return []
    }
    const byColon = e.base.type === 'MemberExpression' && e.base.indexer === ':'
    const name = this.nameOf(e.base)
    if (e.base.type === 'MemberExpression' && callee.method !== undefined && callee.method !== byColon) {
      this.report(e, `${name} is called with a ${callee.method ? 'colon' : 'dot'}`)
    }
    const parameters = callee.parameters.slice(byColon && callee.method === undefined ? 1 : 0)
    const types = this.passed(e, name, args, parameters)
    return callee.returns.map(type => this.filled(type, callee.generic, parameters, types))
  }

  nameOf (e) { return e.type === 'MemberExpression' ? `${this.nameOf(e.base)}${e.indexer}${e.identifier.name}` : e.name || '...' }

  // Holds what is passed against the parameters; the types of what is passed.
  passed (e, name, args, parameters) {
    const open = parameters.length && parameters[parameters.length - 1].name === '...'
    const types = []
    args.forEach((arg, i) => {
      const parameter = parameters[i]
      if (parameter && parameter.name !== '...') {
        types.push(this.given(arg, this.wanted(parameter.type, parameters, types), `${name}: ${parameter.name}`))
      } else types.push(this.infer(arg))
    })
    if (!open && args.length > parameters.length) this.report(e, `${name} takes ${parameters.length} of these ${args.length} arguments`)
    const last = args[args.length - 1]
    const spreads = last && /Call|Vararg/.test(last.type)
    const missing = parameters.slice(args.length).find(p => p.name !== '...' && !this.mayBeNil(p.type))
    if (missing && !spreads) this.report(e, `${name}: ${missing.name} is missing`)
    return types
  }

  // What T is by the arguments so far: "T[]|fun(): T?" of a list or an iterator, "T|nil|false" of a value.
  bound (parameters, types) {
    for (let i = 0; i < types.length && i < parameters.length; i++) {
      for (const type of this.alternatives(parameters[i].type)) {
        for (const passed of this.alternatives(types[i])) {
          if (type.is === 'name' && type.name === 'T') return this.withoutNil(types[i])
          if (type.is === 'list' && type.of.name === 'T' && passed.is === 'list') return passed.of
          if (type.is === 'function' && passed.is === 'function' && passed.returns[0]) {
            const item = this.alternatives(type.returns[0])[0]
            if (item && item.name === 'T') return this.withoutNil(passed.returns[0])
          }
        }
      }
    }
    return null
  }

  // A callback's type with T put in.
  wanted (type, parameters, types) {
    const callback = this.alternatives(type).find(one => one.is === 'function')
    if (!callback || !callback.parameters.some(p => p.type.name === 'T')) return type
    const T = this.bound(parameters, types)
    const filled = callback.parameters.map(p => p.type.name === 'T' ? { name: p.name, type: T } : p)
    return { ...callback, parameters: filled }
  }

  filled (type, generic, parameters, types) {
    if (!generic) return type
    return type.is === 'name' && type.name === 'T' ? this.bound(parameters, types) : type
  }

  // --- values against types

  // Holds an expression against a type; the type of the expression.
  given (e, wanted, where) {
    const callback = this.alternatives(wanted).find(one => one.is === 'function')
    if (e.type === 'FunctionDeclaration') {
      if (!callback && this.mismatch(named('function'), wanted)) this.report(e, `${where} is a function, not ${this.show(wanted)}`)
      return this.infer(e, callback)
    }
    if (e.type === 'TableConstructorExpression') {
      this.table(e, wanted, where)
      return null
    }
    const type = this.infer(e)
    if (type && this.mismatch(type, wanted)) this.report(e, `${where} is ${this.show(type)}, not ${this.show(wanted)}`)
    return type
  }

  // Is none of what a value may be wanted? Where one of both is not known, it is.
  mismatch (type, wanted) {
    const given = this.alternatives(type)
    if (given.length === 0) return false
    return !given.some(one => this.alternatives(wanted).some(other => this.fits(one, other)))
  }

  fits (one, other) {
    if (other.is === 'name' && (ANYTHING.has(other.name) || other.name === 'false')) return true
    if (one.is === 'name' && ANYTHING.has(one.name)) return true
    const plain = this.plain(one)
    const otherPlain = this.plain(other)
    if (plain !== otherPlain) return false
    if (one.is === 'literal' && other.is === 'literal') return one.value === other.value
    const [a, b] = [this.classOf(one), this.classOf(other)]
    if (!a || !b) return true
    for (let type = a; type; type = this.types.classes[type.parent]) if (type === b) return true
    return false
  }

  plain (type) {
    if (type.is === 'literal') return typeof type.value
    if (type.is === 'name') return PLAIN[type.name] || 'table'
    return type.is === 'function' ? 'function' : 'table'
  }

  // A table constructor: held against the alternative that it fits best.
  table (e, wanted, where) {
    const tables = this.alternatives(wanted)
    let best = null
    for (const type of tables) {
      const problems = this.problemsOf(e, type, where)
      if (!best || problems.size < best.size) best = problems
    }
    if (!best) this.infer(e)
    for (const problem of best || []) this.problems.add(problem)
  }

  // What is wrong with a table as that type, without saying so.
  problemsOf (e, type, where) {
    const before = this.problems
    this.problems = new Set()
    this.tableAs(e, type, where)
    const found = this.problems
    this.problems = before
    return found
  }

  tableAs (e, type, where) {
    const known = this.classOf(type)
    if (!known && type.is === 'name') {
      if (!ANYTHING.has(type.name) && type.name !== 'table') this.report(e, `${where} is a table, not ${this.show(type)}`)
      this.infer(e)
      return
    }
    if (type.is === 'literal' || type.is === 'function') {
      this.report(e, `${where} is a table, not ${this.show(type)}`)
      this.infer(e)
      return
    }
    for (const field of e.fields) this.tableField(field, type, known, where)
  }

  tableField (field, type, known, where) {
    if (field.type === 'TableValue') {
      if (field.value.type === 'VarargLiteral') return
      if (type.is === 'list') this.given(field.value, type.of, where)
      else if (known || type.is === 'object') {
        this.report(field.value, `${where}: ${this.show(type)} has names, and this has none`)
        this.infer(field.value)
      } else this.infer(field.value)
      return
    }
    const name = field.type === 'TableKeyString' ? field.key.name
      : field.key.type === 'StringLiteral' ? this.text(field.key) : null
    if (field.type === 'TableKey') this.infer(field.key)
    if (type.is === 'map') return void this.given(field.value, type.value, `${where}.${name}`)
    if (name === null) return void this.infer(field.value)
    const member = type.is === 'list' ? undefined : type.is === 'object' ? type.fields[name] : this.member(known, name)
    if (member === undefined) {
      this.report(field, `${where}: ${this.show(type)} has no field ${name}`)
      this.infer(field.value)
    } else this.given(field.value, union([member, NIL]), `${where}.${name}`)
  }
}

// --- what is Lua in a file ----------------------------------------------------------------------------------

function lineAt (text, index) { return text.slice(0, index).split('\n').length - 1 }

function * partsOf (file, text) {
  if (file.endsWith('.lua')) yield { text, offset: 0 }
  if (file.endsWith('.md')) {
    for (const match of text.matchAll(/^```lua\n([^]*?)^```/gm)) {
      yield { text: match[1], offset: lineAt(text, match.index) + 1, conventions: true }
    }
  }
  if (file.endsWith('.conf')) {
    for (const match of text.matchAll(/_by_lua_block\s*{/g)) {
      const begin = match.index + match[0].length
      let depth = 1
      let end = begin
      while (depth > 0) {
        if (text[end] === '{') depth++
        if (text[end] === '}') depth--
        end++
      }
      yield { text: text.slice(begin, end - 1), offset: lineAt(text, begin), conventions: true }
    }
  }
}

const [typesFile, ...files] = process.argv.slice(2)
const checker = new Checker(readTypes(fs.readFileSync(typesFile, 'utf8')))
let parts = 0
for (const file of files) {
  const text = fs.readFileSync(file, 'utf8')
  for (const part of partsOf(file, text)) {
    checker.check(file, part.text, part.offset, part.conventions)
    parts++
  }
}
console.log(JSON.stringify({ parts, problems: [...checker.problems] }))
