"""The objects of one template: layers collected once, then each object by itself."""
