"""The desk where rejected rows are dealt with: looked at, sent back, decided on."""
