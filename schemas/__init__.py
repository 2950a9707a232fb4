"""What the data must look like: records that come in, report tables that go out, policy rows between."""
