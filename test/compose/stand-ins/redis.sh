#!/bin/sh
# The official image is built with protected mode off.
exec "$@" --protected-mode no
