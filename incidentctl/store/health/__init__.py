"""What can make incidentctl fail at a bad moment: one function a check, in an explicit list."""
