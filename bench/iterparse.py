"""Counts the covered lines of a Cobertura report as a script would: iterparse.py REPORT."""
import sys
import xml.etree.ElementTree as ET

covered = valid = 0
for _, element in ET.iterparse(sys.argv[1]):
    if element.tag == "line":
        valid += 1
        covered += int(element.get("hits")) > 0
    element.clear()
print(covered, valid)
