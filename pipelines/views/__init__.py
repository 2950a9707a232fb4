"""Views for people: Chinese column names, yuan, names beside codes, words for enumerations; who may read them."""
