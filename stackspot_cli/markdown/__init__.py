"""Markdown to lines of a terminal, while it comes. Knows no answer, no model and no stream but the one it is given.

Read by markdown-it-py and set by Rich's `Text`; the screen is ours. Where the libraries' default is not followed:
- no box and no padding around code, nor an indentation before it: it is there to be copied
- addresses of links are shown, and terminal hyperlinks are not made: nothing leads where nobody has seen it
- long words stay whole, for the terminal to wrap: an address can be copied
- a table whose columns would have fewer than eight cells for longer words is set as records: nobody reads such columns
- Chinese and Japanese are broken between characters, by their own rules: there are no spaces to break at
- mathematics, HTML, link definitions and footnotes are shown as they are written: they are part of the answer
- without colour the marks of headings, emphasis and code stay: they carry the meaning
- code is coloured line by line, in the terminal's own sixteen colours: it is read while it comes, on any background
"""
