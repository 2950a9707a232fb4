"""The sample landing zone `seeds/sample`: a small invented world, its dirt, and the files it is written to.

`python -m seeds.sample_maker` rewrites the folder byte for byte; `sample.make_sample` writes it anywhere.
"""
