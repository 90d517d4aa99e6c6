"""The law as a book to read: a static site made from the rulebook itself, in Chinese and English.

``site.write`` fills a folder with it; ``gaps.gaps`` says which values are missing or assumed, and where;
``chinese.Chinese`` says in Chinese what the law says in English. Pure: no network, no database, no clock; the same
rulebook gives the same bytes. Importing the package loads none of them: an explanation asks only for the Chinese.
"""
