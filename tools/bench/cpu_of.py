"""Prints the CPU seconds of a command, all its threads included: python cpu_of.py COMMAND."""

import json
import resource
import subprocess
import sys

subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"whole_cpu_s": usage.ru_utime + usage.ru_stime}))
