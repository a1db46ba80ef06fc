"""Line mode: the wizard's questions without a screen."""
