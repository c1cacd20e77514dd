-- What nobody waits for and somebody should read goes to the log of the program that we are in.

-- Where a thread is not the editor's there is nobody to notify.
local function in_editor()
  return type(vim) == "table" and vim.notify and not (vim.is_thread and vim.is_thread())
end

-- A table without a text of its own, {message = ...} for one, as what it says.
local function text_of(err)
  if type(err) == "table" and not (getmetatable(err) or {}).__tostring and err.message ~= nil then
    return tostring(err.message)
  end
  return tostring(err)
end

-- host_log(what, err): to nginx's error log, Neovim's messages, else standard error.
return function(what, err)
  local text = ("ddokta: %s: %s"):format(what, text_of(err))
  if type(ngx) == "table" and ngx.log then
    ngx.log(ngx.ERR, text)
  elseif in_editor() then
    vim.schedule(function() vim.notify(text, vim.log.levels.ERROR) end)
  else
    io.stderr:write(text, "\n")
  end
end
