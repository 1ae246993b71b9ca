#!/bin/sh
# Writes the secrets that docker-compose.yml mounts, and leaves alone those that are there:
#   sh deploy/make-secrets.sh [FOLDER]
# PostgreSQL's password is drawn; those of the services are the stand-ins', to be replaced by yours.
set -eu
folder=${1:-$(dirname "$0")/secrets}
# The containers' users must read the files, nobody else here must get at them.
mkdir -p "$folder"
chmod 700 "$folder"
umask 022
secret() {
  if [ -s "$folder/$1" ]; then
    echo "$folder/$1 is there."
    return
  fi
  printf %s "$2" >"$folder/$1"
  echo "$folder/$1 is written."
}
secret postgres-password "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"
secret sqlflow-secret-key demo-secret
secret linkis-password hadoop
