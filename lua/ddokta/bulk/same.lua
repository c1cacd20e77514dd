--- Is a value of the service the one that a source asks for? Both may be written in several ways.

--- same(column, old, new): old as the service has it, new as check.lua made it.
return require("ddokta.bulk.forms").same
