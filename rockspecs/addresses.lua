--- The addresses of the project, which are said here alone: the rockspecs and pages have them from here
--- (`make doc`). An empty one is not known yet; `make dist` makes no release before all are.
return {
  -- a page of https from which git clones too, without .git
  repository = "",
  homepage = "",
  -- where faults are reported, but not those of security
  issues = "",
  -- NAME <MAIL>
  maintainer = "",
  -- where faults of security are reported, which nobody else may read: a mail address, or a page of https
  security = "",
}
