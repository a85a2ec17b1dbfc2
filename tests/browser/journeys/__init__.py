"""What a person does with the whole system running: real servers, real processes, real Chromium."""
