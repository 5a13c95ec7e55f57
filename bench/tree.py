"""Input for the benchmarks: tree.py files FOLDER N makes N small files in folders of about twenty; tree.py manifests FOLDER N
puts N manifests (2,000 when empty) into folders spread over the tree."""
import json
import os
import sys

what, root, count = sys.argv[1:4]

if what == "files":
    for i in range(int(count)):
        folder = os.path.join(root, "d%02d" % (i // 4000), "s%03d" % (i // 20 % 200))
        if i % 20 == 0:
            os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "file%d.%s" % (i, ("c", "h", "py", "md", "rst")[i % 5])), "w") as f:
            f.write("file %d\n" % i)
else:
    want = int(count or 2000)
    folders = sorted(d for d, _, files in os.walk(root) if ".git" not in d.split(os.sep) and files)
    for i, folder in enumerate(folders[:: max(1, len(folders) // want)][:want]):
        name = os.path.relpath(folder, root)
        manifest = {"name": "m%d-%s" % (i, name), "description": "module in " + name, "tags": ["lane:L%d" % (i % 6)]}
        with open(os.path.join(folder, "module.manifest.json"), "w") as f:
            json.dump(manifest, f, indent=2)
