"""Is content-length the number of characters?"""

text = "套接字 🐰"
print(f"characters: {len(text)}")
print(f"bytes in UTF-8: {len(text.encode('utf-8'))}")
print(f"cut at the number of characters: {text.encode('utf-8')[: len(text)]}")
