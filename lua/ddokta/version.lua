--- The version of ddokta; the rockspec and CHANGELOG.md name the same.
return "0.1.0"
