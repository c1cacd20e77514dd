-- doc/generate/markdown.lua: what it makes of a page.
local markdown = require "doc.generate.markdown"

describe("doc.generate.markdown", function()
  it(
    "reads the blocks that pages have",
    function()
      assert.same(
        {
          { kind = "heading", level = 1, text = "A page" },
          { kind = "paragraph", text = "Some words, in two lines." },
          { kind = "item", mark = "-", text = "one thing, in two lines" },
          { kind = "item", mark = "2.", text = "another" },
          { kind = "code", language = "lua", lines = { "# no heading", "", "| no | table |" } },
          { kind = "table", head = { "a", "" }, rows = { { "`x|y`", "" }, { "c", "d" } } },
          { kind = "paragraph", text = "The end." },
        },
        markdown.read [[
# A page

<!-- nobody reads this -->

Some words,
in two lines.

- one thing,
  in two lines
2. another

```lua
# no heading

| no | table |
```

| a | |
|---|---|
| `x\|y` |  |
| c | d |

![a picture](a.png)

The end.]]
      )
    end
  )

  it("does not take a page whose code has no end", function()
    assert.has_error(function() markdown.read "```lua\nx = 1\n" end, "a code block without an end")
  end)

  it(
    "knows the anchor of a heading",
    function() assert.equal("what-a-cell-means", markdown.anchor "What a cell means") end
  )
end)
