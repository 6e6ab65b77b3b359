
# the scripts are those that "config" has found

cat << END                                                    >> $NGX_MAKEFILE

$NGX_OBJS/ngx_sent_conv_scripts.h:	$sent_conv_src/lua/embed.sh \\
		$sent_conv_scripts $sent_conv_fragments
	sh $sent_conv_src/lua/embed.sh $sent_conv_scripts > \$@.tmp
	mv \$@.tmp \$@

$NGX_OBJS/ngx_sent_conv_agent_schema.h:	$sent_conv_src/core/schema.sh \\
		$sent_conv_src/core/ngx_sent_conv_agent.schema.json
	sh $sent_conv_src/core/schema.sh \\
		$sent_conv_src/core/ngx_sent_conv_agent.schema.json > \$@.tmp
	mv \$@.tmp \$@

END
