use strict;
use warnings;
use lib 'lib';
use Till;

my $till = Till->new(limit => 2);
print $till->label, "\n";
$till->put('a')->put(undef);
eval { $till->put('b') };
print $till->label, "\n";
$till->each_item(sub { print $_[0], "\n" });
