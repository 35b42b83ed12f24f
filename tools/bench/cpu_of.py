"""Prints the CPU seconds of a command, all its threads included, and its time: python cpu_of.py COMMAND."""

import json
import resource
import subprocess
import sys
import time

begin_s = time.monotonic()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
whole_s = time.monotonic() - begin_s
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"whole_cpu_s": usage.ru_utime + usage.ru_stime, "whole_s": whole_s}))
