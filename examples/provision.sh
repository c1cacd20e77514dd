#!/bin/sh
# Keeps Datadog's users as a file, an Okta group or an app has them; for cron.
#
#   provision.sh people.csv [drift.html]
#   provision.sh okta:app/Datadog /srv/www/drift.html
#
# Keys come from the environment (see ddokta --help). A run that was killed is gone on with by the next: each
# looks what is there. (A journal would have it go on with the very same people, whoever came meanwhile.)
# Status: 0 all is as it should be, 1 something failed or Okta and Datadog differ, 3 too many would be
# deactivated, and so nobody was.
set -eu
source=$1
report=${2:-drift.html}

ddokta recipe provision-users --source "$source" --yes

# all whom the source does not have any more
ddokta recipe deactivate-users --source "$source" --max-deactivations "${MAX_DEACTIVATIONS:-10%}" --yes

if [ -n "${OKTA_CLIENT_ORGURL:-}" ]; then
  ddokta recipe drift --report "$report"
fi
