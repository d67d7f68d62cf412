"""Whatever a server sends goes the whole way, from its bytes to every rendering, and nothing but ParseError comes out.

``make fuzz SECONDS=600`` lets atheris look for bytes that break it, guided by coverage. What is worth keeping lies in
``corpus`` and is read again by each run of the suite.
"""
