-- out_of_memory(raised) -> is it what was raised because memory ran out, by Lua or by the binding? That is a
-- string, and Lua's own does not pass through the handler of xpcall. Whoever catches errors must not take it
-- for an answer. A file of its own: the command asks where nothing else could be loaded.
return function(raised) return type(raised) == "string" and raised:find("not enough memory", 1, true) ~= nil end
