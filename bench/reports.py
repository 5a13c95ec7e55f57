"""Coverage reports for the benchmarks: reports.py FOLDER LINES writes report.info and report.xml with LINES lines (8,000,000 when
empty), and report.json, an llvm-cov export of 25 bytes for each line."""
import os
import random
import sys

folder, lines = sys.argv[1:3]
lines = int(lines or 8000000)
PER_FILE = 2000
HITS = (0, 1, 1, 2, 5, 17, 130)
random.seed(1)


def numbers(n):
    """n ascending line numbers with hits."""
    line = 1
    for _ in range(n):
        line += 1 if random.random() < 0.8 else 2
        yield line, random.choice(HITS)


def out(name):
    return open(os.path.join(folder, name), "w")


with out("report.info") as info, out("report.xml") as xml:
    xml.write('<?xml version="1.0" ?>\n<coverage version="6.5.0" timestamp="1" line-rate="0.8571" branch-rate="0" complexity="0">\n'
              '\t<sources>\n\t\t<source>/repo</source>\n\t</sources>\n\t<packages>\n'
              '\t\t<package name="." line-rate="0.8571" branch-rate="0" complexity="0">\n\t\t\t<classes>\n')
    for i in range(lines // PER_FILE):
        records = list(numbers(PER_FILE))
        info.write("TN:\nSF:src/mod%d/file%d.c\n" % (i % 150, i))
        info.writelines("DA:%d,%d\n" % record for record in records)
        info.write("LF:%d\nLH:%d\nend_of_record\n" % (len(records), sum(hits > 0 for _, hits in records)))
        xml.write('\t\t\t\t<class name="file%d.py" filename="src/mod%d/file%d.py" complexity="0" line-rate="0.8571" '
                  'branch-rate="0">\n\t\t\t\t\t<methods/>\n\t\t\t\t\t<lines>\n' % (i, i % 150, i))
        xml.writelines('\t\t\t\t\t\t<line number="%d" hits="%d"/>\n' % record for record in records)
        xml.write("\t\t\t\t\t</lines>\n\t\t\t\t</class>\n")
    xml.write("\t\t\t</classes>\n\t\t</package>\n\t</packages>\n</coverage>\n")

with out("report.json") as f:
    f.write('{"data":[{"files":[')
    files = 0
    while f.tell() < lines * 25 // 2:
        segments = ("[%d,%d,%d,true,%s,false]" % (line, 5 + hits, hits, "true" if hits else "false")
                    for line, hits in numbers(3000))
        f.write('%s{"branches":[],"expansions":[],"filename":"/repo/src/mod%d/file%d.c","segments":[%s],"summary":{"lines":'
                '{"count":10,"covered":9,"percent":90}}}' % ("," if files else "", files % 150, files, ",".join(segments)))
        files += 1
    f.write('],"functions":[')
    functions = 0
    while f.tell() < lines * 25:
        first = 1 + functions // files * 40
        regions = ("[%d,5,%d,40,%d,0,0,0]" % (first + i, first + i + 1, random.choice(HITS)) for i in range(30))
        f.write('%s{"branches":[],"count":%d,"filenames":["/repo/src/mod%d/file%d.c"],"name":"function_%d","regions":[%s]}'
                % ("," if functions else "", random.choice(HITS), functions % files % 150, functions % files, functions,
                   ",".join(regions)))
        functions += 1
    f.write('],"totals":{}}],"type":"llvm.coverage.json.export","version":"2.0.1"}\n')
